import type { Row } from "./row";

export const SNS: Record<`aws:sns/${string}`, Row> = {
  "aws:sns/topic:Topic": (names) => {
    const arn = names.arn("sns", names.input("name"));
    return { id: arn, outputs: { arn } };
  },
  "aws:sns/topicPolicy:TopicPolicy": (names) => ({ id: names.input("arn"), outputs: {} }),
  "aws:sns/topicSubscription:TopicSubscription": (names) => {
    const arn = `${names.input("topic")}:${names.uuid()}`;
    return { id: arn, outputs: { arn } };
  },
};
