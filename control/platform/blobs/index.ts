export { type BlobInfo, type BlobRef, type Blobs, createBlobs, LARGEST_BLOB } from './blobs.ts';
export {
  BlobRefSchema,
  blobRoutes,
  blobView,
  bodyOf,
  fileAnswer,
  largestBlob,
  NamedBlobSchema,
} from './routes.ts';
export { blobSealer, type Sealer } from './sealing.ts';
