import { describe, expect, it } from 'vitest';
import { readText, told } from '../testing/read-text.ts';
import { manifests } from './index.ts';

/** What stands at the edges of manifests: what is left out, what is the project's own, and what is told as unread. */
type Case = readonly [what: string, id: string, text: string, says: string[], unread?: string[]];

const cases: Case[] = [
  [
    'Cargo.toml: build and workspace dependencies, paths and renames',
    'cargo-toml',
    `[dependencies]
ours = { path = "../ours" }
http = { package = "reqwest" }
[build-dependencies]
cc = "1"
[workspace.dependencies]
serde = "1"
`,
    ['capable reqwest 3', 'capable cc (dev) 5', 'capable serde 7'],
  ],
  [
    'Cargo.lock: members of a workspace that ask for each other, a package without a name',
    'cargo-lock',
    `[[package]]
name = "app"
dependencies = ["core", "sentry 0.1.0", ""]
[[package]]
name = "core"
dependencies = ["serde"]
[[package]]
name = "sentry"
source = "registry+x"
[[package]]
name = "serde"
source = "registry+x"
[[package]]
source = "registry+x"
`,
    ['capable sentry 8', 'capable serde 11'],
    ['13 package.name'],
  ],
  [
    'Gemfile.lock: gems from a path are the project’s own, and lines before any section are none',
    'gemfile-lock',
    `    stray (1.0)
PATH
  remote: .
  specs:
    ours (0.1)
GEM
  specs:
    sentry-ruby (5.0)
      deep (1.0)
PLATFORMS
    ruby (1)

DEPENDENCIES
  ours!
  sentry-ruby
    indented (1)
`,
    ['capable sentry-ruby 15'],
  ],
  [
    'Gemfile.lock: sections that end with spaces',
    'gemfile-lock',
    'GEM \n  specs:\n    a (1)\nDEPENDENCIES\t\n  b\n',
    ['capable b 5', 'transitive a 3'],
  ],
  [
    'go.mod: comments, blocks that ask for nothing, what is no module',
    'go-mod',
    `module x
replace example.com/a v1 => ../a
exclude (
	example.com/b v1
)
require (
	// example.com/c v1
	example.com/d v1
	nothing
)
require example.com/e v2 // indirect
`,
    ['capable example.com/d 8', 'transitive example.com/e 11'],
    ['9 require'],
  ],
  [
    'go.sum: empty lines and spaces are nothing, others are told',
    'go-sum',
    'example.com/a v1 h1:abc=\n\n   \nnonsense\n',
    ['transitive example.com/a 1'],
    ['4 null'],
  ],
  [
    'composer.json: parts of PHP are no packages, and a list is no table',
    'composer-json',
    '{"require":{"php":">=8","ext-json":"*","stripe/stripe-php":"1"},"require-dev":[]}',
    ['capable stripe/stripe-php 1'],
    ['1 require-dev'],
  ],
  [
    'composer.lock: a package without a name',
    'composer-lock',
    '{"packages":[{"name":"a/b"},{"version":"1"},{"name":7}],"packages-dev":[]}',
    ['transitive a/b 1'],
    ['1 packages.name', '1 packages.name'],
  ],
  [
    'Pipfile.lock: a list is no table',
    'pipfile-lock',
    '{"default":[],"develop":{"a":{}}}',
    ['transitive a 1'],
    ['1 default'],
  ],
  [
    'packages.lock.json: projects of one’s own that others ask for',
    'nuget-lock',
    '{"dependencies":{"net8.0":{"Ours":{"type":"Project"},"A":{"type":"Direct"}},"net9.0":{"Ours":{"type":"Direct"}}}}',
    ['capable A 1'],
  ],
  [
    'pom.xml: without an artifact, with properties of its own, in a profile',
    'maven-pom',
    `<project><groupId>com.acme</groupId><properties><g> com.x </g></properties>
<dependencies>
<dependency><groupId>\${g}</groupId><artifactId>a</artifactId></dependency>
<dependency><groupId>only.group</groupId></dependency>
<dependency><artifactId>only-artifact</artifactId></dependency>
<other><groupId>o</groupId><artifactId>o</artifactId></other>
</dependencies>
<dependencyManagement><dependencies><dependency><groupId>m</groupId><artifactId>m</artifactId></dependency></dependencies></dependencyManagement>
<profiles><profile><dependencies><dependency><groupId>\${project.groupId}</groupId><artifactId>p</artifactId><scope>test</scope></dependency></dependencies></profile></profiles>
</project>`,
    ['capable com.x:a 3', 'capable com.acme:p (dev) 9'],
    ['4 dependency', '5 dependency'],
  ],
  [
    'build.gradle: comments and very long lines are passed over; what asks for nothing is none',
    'gradle-build',
    `  // implementation 'a:b:1'
implementation 'c:d:1' // and more
version 'e:f:1'
classpath group: 'g', name: 'h'
implementation 'i:j:1' ${'x'.repeat(10_001)}
`,
    ['capable c:d 2', 'capable g:h (dev) 4'],
  ],
  [
    'gradle.lockfile: comments, what is empty, what is none',
    'gradle-lock',
    '# a comment:of:1=x\na:b:1=compile\n\nempty=annotationProcessor\nnothing\n',
    ['transitive a:b 2'],
    ['5 null'],
  ],
  [
    '.csproj: updates count, and a reference to nothing is told',
    'msbuild-project',
    '<Project><ItemGroup>\n<PackageReference Update="A"/>\n<PackageReference/>\n<Other Include="B"/>\n<GlobalPackageReference Include="C"><PrivateAssets>all</PrivateAssets></GlobalPackageReference></ItemGroup></Project>',
    ['capable A 2', 'capable C (dev) 5'],
    ['3 Include'],
  ],
  [
    'CycloneDX: components without a package, of unknown kinds, nested; services that nobody provides',
    'cyclonedx',
    `{"bomFormat":"CycloneDX","metadata":{"component":{"bom-ref":"me"}},
"components":[{"type":"file","name":"x"},
{"bom-ref":"a","purl":"pkg:NPM/%40acme/a@1","components":[
{"purl":"pkg:deb/debian/curl@1"},
{"purl":"pkg:npm/b%ZZ@1"},
{"purl":"pkg:pypi/dev_tool@1","scope":"excluded"}]}],
"dependencies":[{"ref":"a","dependsOn":["pkg:pypi/dev_tool@1"]},{"ref":"me","dependsOn":["a"]}],
"services":[{"endpoints":["https://nobody.example"]},
{"name":"S","endpoints":["/path","api.acme.example","HTTPS://api.acme.example/x"]}]}`,
    ['capable @acme/a 3', 'transitive dev-tool (dev) 6', 'configured S 9', 'configured api.acme.example 9'],
    ['5 name', '8 services.name'],
  ],
  [
    'package.json: parts of one’s own, aliases, what the product asks for too, what is no table',
    'package-json',
    `{"dependencies":{"a":"1","ours":"workspace:*","alias":"npm:@real/b@1"},
"devDependencies":{"a":"1","c":"1","near":"link:../near"},
"peerDependencies":[],"optionalDependencies":{"d":"npm:e"}}`,
    ['capable a 1', 'capable @real/b 1', 'capable e 3', 'capable c (dev) 2'],
    ['3 peerDependencies'],
  ],
  [
    'package-lock.json of version 1: what nothing requires is asked for',
    'package-lock',
    `{"dependencies":{
"a":{"requires":{"b":"1"},"dependencies":{"inner":{"requires":{"c":"1"}}}},
"b":{},
"c":{},
"d":{"dev":true},
"e":{"dev":"yes"}}}`,
    [
      'capable a 2',
      'capable d (dev) 5',
      'capable e 6',
      'transitive b 3',
      'transitive c 4',
      'transitive inner 2',
    ],
  ],
  [
    'package-lock.json: links and workspaces are one’s own, aliases have their real names',
    'package-lock',
    `{"packages":{"":{"name":"me","dependencies":{"me":"1","alias":"npm:real@1","ws":"1"}},
"ws":{"name":"ws","devDependencies":{"x":"1"},"dependencies":{"y":"1"},"optionalDependencies":{"x":"1"}},
"node_modules/ws":{"link":true},
"node_modules/alias":{"name":"real"},
"node_modules/x":{"link":false},
"node_modules/x/node_modules/z":{}},"dependencies":[]}`,
    ['capable real 1', 'capable y 2', 'capable x 2', 'transitive z 6'],
    ['6 dependencies'],
  ],
  ['package-lock.json: packages that are a list', 'package-lock', '{"packages":[]}', [], ['1 packages']],
  [
    'pnpm-lock.yaml of version 5: paths with slashes, quoted names, parts of one’s own',
    'pnpm-lock',
    `lockfileVersion: 5.4
dependencies:
  'a': 1.0.0
  ours: link:../ours
  alias: /@real/b/1.0.0
devDependencies:
  c: 1.0.0_x@1
packages:
  /a/1.0.0:
    dependencies:
      deep: 1.0.0
  /@scope/d/1.0.0_peer:
    resolution: {}
  /ours/1.0.0:
`,
    ['capable a 3', 'capable @real/b 5', 'capable c (dev) 7', 'transitive @scope/d 12'],
  ],
  [
    'pnpm-lock.yaml of version 9: importers, versions on lines of their own, peers in brackets',
    'pnpm-lock',
    `importers:
  .:
    dependencies:
      a:
        specifier: ^1
        version: 1.0.0(b@1.0.0)
      ours:
        specifier: workspace:*
        version: link:packages/ours
      bare:
    optionalDependencies:
      real-name:
        specifier: npm:other@1
        version: other@1.0.0
packages:
  a@1.0.0:
  '@scope/e@2.0.0(a@1.0.0)':
snapshots:
  f@1.0.0:
`,
    ['capable a 4', 'capable bare 10', 'capable other 12', 'transitive @scope/e 17'],
  ],
  [
    'requirements.txt: options, addresses and files are no names; eggs are; what is none is told',
    'pip-requirements',
    `--index-url https://x.example/simple
-e git+https://x.example/a.git#egg=Egg_Name
./local
https://x.example/b.whl
-c constraints.txt
B[extra]>=1 ; python_version > "3"
c==1 \\
    --hash=sha256:abc
    # via
    #   B
d==1  # via -r requirements.in
e==1
    # via app (pyproject.toml)
f==1
    # a comment
    # via c
@@@
`,
    [
      'capable egg-name 2',
      'capable b 6',
      'transitive c 7',
      'capable d 11',
      'capable e 12',
      'transitive f 14',
    ],
    ['5 requirement', '17 requirement'],
  ],
  [
    'pyproject.toml: groups that include others, Poetry’s groups, python itself',
    'pyproject',
    `[project]
dependencies = ["a>=1", "???"]
[project.optional-dependencies]
x = ["b"]
[dependency-groups]
test = ["c", { include-group = "x" }]
[tool.poetry.dependencies]
python = "^3"
d = "1"
[tool.poetry.dev-dependencies]
e = "1"
[tool.poetry.group.main.dependencies]
f = "1"
[tool.poetry.group.lint.dependencies]
g = "1"
`,
    [
      ...['capable a 2', 'capable b 4', 'capable c (dev) 6', 'capable d 9', 'capable e (dev) 11'],
      ...['capable f 13', 'capable g (dev) 15'],
    ],
    ['2 project.dependencies'],
  ],
  [
    'poetry.lock: a package without a name',
    'poetry-lock',
    '[[package]]\nname = "A_b"\n[[package]]\nversion = "1"\n',
    ['transitive a-b 2'],
    ['3 package.name'],
  ],
  [
    'uv.lock: parts of one’s own by each kind of source, and what they ask for',
    'uv-lock',
    `[[package]]
name = "app"
source = { virtual = "." }
dependencies = [{ name = "lib" }, { name = "a" }, { name = "missing" }]
[package.optional-dependencies]
x = [{ name = "b" }]
[package.dev-dependencies]
dev = [{ name = "c" }, { name = "a" }]
[[package]]
name = "lib"
source = { editable = "lib" }
[[package]]
name = "other"
source = { directory = "other" }
[[package]]
name = "a"
[[package]]
name = "b"
[[package]]
name = "c"
[[package]]
name = "d"
[[package]]
version = "1"
`,
    ['capable a 16', 'capable missing 2', 'capable b 18', 'capable c (dev) 20', 'transitive d 22'],
    ['23 package.name'],
  ],
  [
    'yarn.lock: several ranges, aliases, and parts of one’s own with what they ask for',
    'yarn-lock',
    `# a comment:
__metadata:
  version: 8

"a@npm:1, a@npm:2":
  version: 1

"alias@npm:@real/b@1":
  version: 1

"app@workspace:.":
  version: 0
  dependencies:
    a: "npm:1"
    ours: "workspace:*"
    other: "npm:renamed@1"
  devDependencies:
    c: "npm:1"
  bin:
    tool: x
  peerDependencies:
    d: "*"

"ours@workspace:ours":
  version: 0

no colon at the end
`,
    ['capable a 14', 'capable renamed 16', 'capable c (dev) 18', 'transitive @real/b 8'],
  ],
];

describe('manifests', () => {
  it.each(cases.map(([what, id, text, says, unread = []]) => ({ what, id, text, says, unread })))(
    '$what',
    ({ id, text, says, unread }) => {
      const format = manifests.find((one) => one.id === id);
      if (format === undefined) throw new Error(`no format is called ${id}`);
      for (const size of [65_536, 5]) {
        const traces = readText(format, text, size);
        expect(told(traces)).toEqual(says);
        expect(traces.unread.map(({ line, field }) => `${line} ${field}`)).toEqual(unread);
      }
    },
  );

  it('of what product and development ask for, the product counts, whichever is said first', () => {
    const lock = manifests.find(({ id }) => id === 'package-lock');
    const says = (groups: object) =>
      lock === undefined ? [] : told(readText(lock, JSON.stringify({ packages: { '': groups } })));
    const [a, b] = [{ a: '1' }, { b: '1' }];
    expect(says({ devDependencies: a, dependencies: { ...a, ...b } })).toEqual([
      'capable a 1',
      'capable b 1',
    ]);
    expect(says({ dependencies: a, devDependencies: { ...a, ...b } })).toEqual([
      'capable a 1',
      'capable b (dev) 1',
    ]);
  });

  it('a bill of materials is known by its beginning or by its name', () => {
    const bom = manifests.find(({ id }) => id === 'cyclonedx');
    expect(bom?.fits('any.json', '{ "bomFormat" : "CycloneDX"')).toBe(1);
    expect(bom?.fits('x/bom.json', '{')).toBe(0.9);
    expect(bom?.fits('app.cdx.json', '{')).toBe(0.9);
    expect(bom?.fits('package.json', '{')).toBe(0);
  });

  it('requirements are known by their names and folders', () => {
    const pip = manifests.find(({ id }) => id === 'pip-requirements');
    const fits = (name: string) => pip?.fits(name, '');
    expect(['dev-requirements.txt', 'requirements/base.in', 'REQUIREMENTS.txt'].map(fits)).toEqual([1, 1, 1]);
    expect(['requirements.md', 'x/base.txt'].map(fits)).toEqual([0, 0]);
  });
});
