import { type Coverage, SITE } from "./reasons";

export const S3: Record<`aws:s3/${string}`, Coverage> = {
  // The upload of code and of a site's files.
  "aws:s3/bucketObjectv2:BucketObjectv2": {
    bucket: true,
    cacheControl: true,
    content: true,
    contentType: true,
    key: true,
    source: true,
  },
  "aws:s3/bucket:Bucket": SITE,
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": SITE,
  "aws:s3/bucketPolicy:BucketPolicy": SITE,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": SITE,
};
