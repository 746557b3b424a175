import type { Format } from '../format.ts';
import { cargoLock, cargoToml } from './cargo.ts';
import { cyclonedx } from './cyclonedx.ts';
import { gemfileLock } from './gemfile-lock.ts';
import { goMod, goSum } from './go.ts';
import { composerJson, composerLock, nugetLock, pipfileLock } from './json-locks.ts';
import { csproj, gradle, gradleLock, pom } from './jvm.ts';
import { packageJson, packageLock } from './npm.ts';
import { pnpmLock } from './pnpm-lock.ts';
import { poetryLock, pyproject, requirements, uvLock } from './python.ts';
import { yarnLock } from './yarn-lock.ts';

/** Lock files, manifests and bills of materials: what an organisation's software could talk with. */
export const manifests: readonly Format[] = [
  packageJson,
  packageLock,
  pnpmLock,
  yarnLock,
  requirements,
  pyproject,
  uvLock,
  poetryLock,
  pipfileLock,
  goMod,
  goSum,
  gemfileLock,
  composerJson,
  composerLock,
  cargoToml,
  cargoLock,
  pom,
  gradle,
  gradleLock,
  csproj,
  nugetLock,
  cyclonedx,
];
