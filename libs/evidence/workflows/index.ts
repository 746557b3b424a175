import type { Format } from '../format.ts';
import { mcpServers } from './mcp.ts';
import { n8n } from './n8n.ts';

/** Workflows and agents: what they reach by themselves, with credentials of their own. */
export const workflows: readonly Format[] = [mcpServers, n8n];
