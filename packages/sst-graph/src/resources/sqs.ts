import { ACCOUNT_ID } from "../names";
import type { Row } from "./row";

export const SQS: Record<`aws:sqs/${string}`, Row> = {
  "aws:sqs/queue:Queue": (names) => {
    const url = `https://sqs.${names.region}.amazonaws.com/${ACCOUNT_ID}/${names.input("name")}`;
    return { id: url, outputs: { arn: names.arn("sqs", names.input("name")), url } };
  },
};
