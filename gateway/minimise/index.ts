export type CompiledContract = { id: string };
