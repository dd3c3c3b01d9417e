import type { Description } from "./description";

export const S3: Record<`aws:s3/${string}`, Description> = {
  "aws:s3/bucket:Bucket": { judged: "bucket bucketPrefix acl forceDestroy policy" },
  "aws:s3/bucketV2:BucketV2": { judged: "bucket bucketPrefix acl forceDestroy policy" },
  "aws:s3/bucketPolicy:BucketPolicy": { judged: "*" },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": { judged: "*" },
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": {
    unjudged: "a bucket is closed to the public with any value",
  },
  "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2": {
    unjudged: "a bucket is closed to the public with any value",
  },
  "aws:s3/bucketObjectv2:BucketObjectv2": {
    unjudged:
      "a function's bundle in SST's own bucket, whose name stands in the function; what is written beside a site is judged by site-data-own",
  },
  "aws:s3/bucketVersioning:BucketVersioning": { unjudged: "a site's files can be built again" },
  "aws:s3/bucketVersioningV2:BucketVersioningV2": { unjudged: "a site's files can be built again" },
};
