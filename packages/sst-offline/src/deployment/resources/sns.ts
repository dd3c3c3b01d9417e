import { ALARMS, type Coverage } from "./reasons";

export const SNS: Record<`aws:sns/${string}`, Coverage> = {
  "aws:sns/topic:Topic": ALARMS,
  "aws:sns/topicPolicy:TopicPolicy": ALARMS,
  "aws:sns/topicSubscription:TopicSubscription": ALARMS,
};
