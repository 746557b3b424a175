export type CompiledEndpoint = { id: string };
