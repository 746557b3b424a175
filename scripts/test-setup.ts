import fc from 'fast-check';

/** Every property of a run draws from one seed, so that a failure comes again with the same `DRAWBRIDGE_SEED`. */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.DRAWBRIDGE_SEED ?? 1) });
