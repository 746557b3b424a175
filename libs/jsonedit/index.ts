export { type Edit, edit } from './edit.ts';
export { JsonEditError, type JsonEditErrorCode } from './error.ts';
export { type ParseOptions, parse } from './parse.ts';
export {
  type JsonArray,
  type JsonContainer,
  type JsonDocument,
  type JsonMember,
  type JsonNode,
  type JsonObject,
  type JsonScalar,
  stringValue,
  toValue,
} from './tree.ts';
