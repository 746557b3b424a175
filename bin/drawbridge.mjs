#!/usr/bin/env node
import { installWhatIsMissing, run } from './runtime.mjs';

installWhatIsMissing();
run('server/cli.ts', process.argv.slice(2));
