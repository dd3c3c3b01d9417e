import { Tag } from "../../ui/parts";

export function Outcome({ outcome }: { outcome: string }) {
  return <Tag kind={outcome}>{outcome}</Tag>;
}
