import { installWhatIsMissing, run } from './runtime.mjs';

installWhatIsMissing();
const [file, ...args] = process.argv.slice(2);
run(file, args);
