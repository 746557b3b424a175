import { named, textFormat } from '../documents/format.ts';
import { child, childText, type Element, elements, xmlTree } from '../documents/xml.ts';
import type { Format } from '../format.ts';
import { lineReader } from '../line-reader.ts';
import { tellPackage } from './package.ts';

/**
 * `pom.xml`. Dependencies are direct, those of scope `test` for development. What `dependencyManagement` pins is asked for
 * elsewhere, or nowhere: not told. Properties in names are filled in from the file's own.
 */
export const pom: Format = textFormat(
  { id: 'maven-pom', name: 'pom.xml (Maven)', fits: named(/^pom\.xml$|\.pom$/) },
  (text, traces) => {
    const project = child(xmlTree(text), 'project');
    const properties = new Map<string, string>();
    for (const { name, text } of child(project, 'properties')?.children ?? [])
      properties.set(name, text.trim());
    properties.set(
      'project.groupId',
      childText(project, 'groupId') ?? childText(child(project, 'parent'), 'groupId') ?? '',
    );
    const filled = (text: string) =>
      text.replace(/\$\{([^}]{1,100})\}/g, (all, name) => properties.get(name) ?? all);
    const tell = (dependency: Element) => {
      const group = childText(dependency, 'groupId');
      const artifact = childText(dependency, 'artifactId');
      if (group === undefined || artifact === undefined) {
        traces.skip(dependency.line, 'a dependency has no groupId or artifactId', 'dependency');
        return;
      }
      const name = `${filled(group)}:${filled(artifact)}`;
      const dev = childText(dependency, 'scope') === 'test';
      tellPackage(traces, { registry: 'maven', name, grade: 'capable', line: dependency.line, dev });
    };
    const profiles = child(project, 'profiles')?.children ?? [];
    for (const of of [project, ...profiles]) {
      for (const dependency of child(of, 'dependencies')?.children ?? []) {
        if (dependency.name === 'dependency') tell(dependency);
      }
    }
  },
);

const STRINGS = /\b([a-zA-Z]{3,40})\s*\(?\s*(?:platform\s*\(\s*)?(["'])([\w.-]+):([\w.-]+)(?::[^"'\s]*)?\2/g;
const MAPS =
  /\b([a-zA-Z]{3,40})\s*\(?\s*group\s*[:=]\s*["']([\w.-]+)["']\s*,\s*name\s*[:=]\s*["']([\w.-]+)["']/g;
const ASKS =
  /(?:implementation|api|compile|compileOnly|runtime|runtimeOnly|kapt|ksp|annotationProcessor|classpath)$/i;

/** Dependencies that are written out, `implementation("group:name:1.0")`: a build script is a program, and is not run. */
export const gradle: Format = {
  id: 'gradle-build',
  name: 'build.gradle (Gradle)',
  fits: named(/\.gradle(?:\.kts)?$/),
  reader: (traces) =>
    lineReader(traces, (text, line) => {
      if (text.trimStart().startsWith('//') || text.length > 10_000) return;
      const found = [...text.matchAll(STRINGS)].map(([, asks = '', , group, name]) => [asks, group, name]);
      for (const [, asks = '', group, name] of text.matchAll(MAPS)) found.push([asks, group, name]);
      for (const [asks = '', group, name] of found) {
        if (!ASKS.test(asks)) continue;
        const dev = /^(?:test|androidTest)|classpath/.test(asks);
        tellPackage(traces, { registry: 'maven', name: `${group}:${name}`, grade: 'capable', line, dev });
      }
    }),
};

/** Doesn't say what the project asks for: `build.gradle` beside it does. */
export const gradleLock: Format = {
  id: 'gradle-lock',
  name: 'gradle.lockfile',
  fits: named(/^(?:buildscript-)?gradle\.lockfile$|\.lockfile$/),
  reader: (traces) =>
    lineReader(traces, (text, line) => {
      if (text.startsWith('#') || text.startsWith('empty=') || text.trim() === '') return;
      const [, name] = /^([\w.-]+:[\w.-]+):[^=\s]+=/.exec(text) ?? [];
      if (name === undefined) traces.skip(line, 'this is no group:name:version=configurations');
      else tellPackage(traces, { registry: 'maven', name, grade: 'transitive', line });
    }),
};

export const csproj: Format = textFormat(
  {
    id: 'msbuild-project',
    name: '.csproj (.NET)',
    fits: named(/\.(?:cs|fs|vb)proj$|^Directory\.(?:Build|Packages)\.props$/),
  },
  (text, traces) => {
    for (const element of elements(xmlTree(text))) {
      if (element.name !== 'PackageReference' && element.name !== 'GlobalPackageReference') continue;
      const name = element.attributes.get('Include') ?? element.attributes.get('Update');
      if (name === undefined) {
        traces.skip(element.line, 'a PackageReference includes nothing', 'Include');
        continue;
      }
      const dev = (element.attributes.get('PrivateAssets') ?? childText(element, 'PrivateAssets')) === 'all';
      tellPackage(traces, { registry: 'nuget', name, grade: 'capable', line: element.line, dev });
    }
  },
);
