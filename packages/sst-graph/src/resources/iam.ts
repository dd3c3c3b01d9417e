import { idOnly, type Row } from "./row";

export const IAM: Record<`aws:iam/${string}`, Row> = {
  "aws:iam/role:Role": (names) => ({
    id: names.input("name"),
    outputs: {
      arn: names.arn("iam", `role/${names.input("name")}`, ""),
      uniqueId: `AROA${names.id(17, "upper")}`,
    },
  }),
  "aws:iam/rolePolicy:RolePolicy": idOnly,
};
