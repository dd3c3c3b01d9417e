import type { Names } from "../names";
import type { Created, Row } from "./row";

/** A setting of a bucket, which has no other outputs. */
const setting: Row = (names) => ({ id: names.input("bucket"), outputs: {} });

export const S3: Record<`aws:s3/${string}`, Row> = {
  "aws:s3/bucket:Bucket": bucket,
  "aws:s3/bucketV2:BucketV2": bucket,
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": setting,
  "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2": setting,
  "aws:s3/bucketObjectv2:BucketObjectv2": (names) => ({
    id: names.input("key"),
    outputs: { etag: names.id(32, "hex") },
  }),
  "aws:s3/bucketPolicy:BucketPolicy": setting,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": setting,
  "aws:s3/bucketVersioning:BucketVersioning": setting,
  "aws:s3/bucketVersioningV2:BucketVersioningV2": setting,
};

function bucket(names: Names): Created {
  const name = names.input("bucket");
  return {
    id: name,
    outputs: {
      arn: `arn:aws:s3:::${name}`,
      bucketDomainName: `${name}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${name}.s3.${names.region}.amazonaws.com`,
    },
  };
}
