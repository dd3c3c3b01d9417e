import { Tag } from "../../ui/parts";

/** What became of an audit event. */
export function Outcome({ outcome }: { outcome: string }) {
  return <Tag kind={outcome}>{outcome}</Tag>;
}
