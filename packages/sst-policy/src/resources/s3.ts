import type { Description } from "./description";

export const S3: Record<`aws:s3/${string}`, Description> = {
  "aws:s3/bucket:Bucket": { judged: "bucket bucketPrefix acl forceDestroy policy" },
  "aws:s3/bucketV2:BucketV2": { judged: "bucket bucketPrefix acl forceDestroy policy" },
  "aws:s3/bucketPolicy:BucketPolicy": { judged: "*" },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": { judged: "*" },
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": {
    unjudged: "no value makes a bucket public",
  },
  "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2": {
    unjudged: "no value makes a bucket public",
  },
  "aws:s3/bucketObjectv2:BucketObjectv2": {
    unjudged: "lambda-own-code checks the bundles of functions, site-data-own the files next to a site",
  },
  "aws:s3/bucketVersioning:BucketVersioning": { unjudged: "a build can recreate the files of a site" },
  "aws:s3/bucketVersioningV2:BucketVersioningV2": { unjudged: "a build can recreate the files of a site" },
};
