export { type BlobInfo, type BlobRef, type Blobs, blobsTotal, createBlobs, LARGEST_BLOB } from './blobs.ts';
export { BlobHash, BlobRefSchema, blobRoutes, blobView, largestBlob, NamedBlobSchema } from './routes.ts';
export { blobSealer, type Sealer } from './sealing.ts';
