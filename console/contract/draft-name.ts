/** Changes to a contract are kept by the version that they were made to, whatever page they are made on. */
export const draftName = (connection: string, version: number): string => `contract.${connection}.${version}`;
