import type { Row } from "./row";

export const ROUTE53: Record<`aws:route53/${string}`, Row> = {
  "aws:route53/record:Record": (names) => ({
    id: [names.input("zoneId"), names.input("name"), names.input("type")].join("_"),
    outputs: { fqdn: names.input("name") },
  }),
};
