import { type Coverage, DOMAIN } from "./reasons";

export const ROUTE53: Record<`aws:route53/${string}`, Coverage> = {
  "aws:route53/record:Record": DOMAIN,
};
