import { ACCOUNT_RULES } from "./accounts";
import { ALARM_COVERAGE_RULES } from "./alarm-coverage";
import { ALARM_RINGING_RULES } from "./alarm-ringing";
import { API_RULES } from "./api";
import { API_STAGE_RULES } from "./api-stage";
import { BUCKET_RULES } from "./buckets";
import { COGNITO_RULES } from "./cognito";
import { COGNITO_CLIENT_RULES } from "./cognito-client";
import { COMMON_RULES } from "./common";
import { CONFIGURATION_RULES } from "./configuration";
import { DEPLOY_RULES } from "./deploy-steps";
import { DESTINATION_RULES } from "./destinations";
import { DYNAMODB_RULES } from "./dynamodb";
import { EDGE_RULES } from "./edge";
import { EDGE_LOCK_RULES } from "./edge-lock";
import { FIREWALL_RULES } from "./firewall";
import { IAM_RULES } from "./iam";
import { LAMBDA_RULES } from "./lambda";
import { LOG_RULES } from "./logs";
import { MESSAGING_RULES } from "./messaging";
import { MONITORING_RULES } from "./monitoring";
import { PAGE_RULES } from "./pages";
import { PROPERTY_RULES } from "./properties";
import type { Rule } from "./rule";
import { RUNTIME_RULES } from "./runtime-variables";
import { SITE_RULES } from "./site";
import { TOPIC_RULES } from "./topics";
import { TRUST_RULES } from "./trust";

/** Rules by topic. */
export const RULE_GROUPS: Record<string, Rule[]> = {
  "API Gateway": [...API_RULES, ...API_STAGE_RULES],
  Lambda: [...LAMBDA_RULES, ...RUNTIME_RULES, ...CONFIGURATION_RULES],
  IAM: [...IAM_RULES, ...TRUST_RULES],
  "CloudWatch Logs": LOG_RULES,
  DynamoDB: DYNAMODB_RULES,
  "Cognito and pages": [...COGNITO_RULES, ...COGNITO_CLIENT_RULES, ...PAGE_RULES],
  "Queues, schedules, keys": [...MESSAGING_RULES, ...DESTINATION_RULES],
  "Alarms and topics": [...ALARM_COVERAGE_RULES, ...MONITORING_RULES, ...ALARM_RINGING_RULES, ...TOPIC_RULES],
  "Edge, site and buckets": [...EDGE_RULES, ...EDGE_LOCK_RULES, ...FIREWALL_RULES, ...SITE_RULES, ...BUCKET_RULES],
  "The deployment": DEPLOY_RULES,
  Everything: [...COMMON_RULES, ...ACCOUNT_RULES, ...PROPERTY_RULES],
};

export const RULES: Rule[] = Object.values(RULE_GROUPS).flat();
