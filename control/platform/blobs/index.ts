export { type BlobInfo, type BlobRef, type Blobs, createBlobs } from './blobs.ts';
export { BlobRefSchema, blobRoutes, blobView, largestBlob, NamedBlobSchema } from './routes.ts';
export { blobSealer, type Sealer } from './sealing.ts';
