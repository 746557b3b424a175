/**
 * How V8 is started for a gateway. What a crossing makes is garbage when it ends, so a young generation of 8 MB serves as
 * well as the 16 MB and more that V8 takes where memory is plenty, and a worker stays a third smaller.
 */
export const v8Options: readonly string[] = ['--max-semi-space-size=8'];
