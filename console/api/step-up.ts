/** Asks the person at the keyboard for a factor. True once it was used; false when they would rather not. */
type AskForFactor = () => Promise<boolean>;

let ask: AskForFactor | null = null;
let asking: Promise<boolean> | null = null;

/** Says who asks for a factor when the control plane wants one. Returns how to stop. */
export function whenFactorNeeded(how: AskForFactor): () => void {
  ask = how;
  return () => {
    if (ask === how) ask = null;
  };
}

/** Asks once for all writes that wait for it together. False where nobody is there to ask. */
export function confirmedByFactor(): Promise<boolean> {
  if (ask === null) return Promise.resolve(false);
  asking ??= ask().finally(() => {
    asking = null;
  });
  return asking;
}
