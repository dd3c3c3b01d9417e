import { useApp } from "../app-context";
import { insightsCommand } from "../data/insights-command";
import { useLoad } from "../data/use-load";
import { Copy, Json, Time } from "../ui/parts";

interface FunctionRecord {
  timestamp: number;
  message: unknown;
  logGroup: string;
}

/** What a function logged of one invocation: the records offline, how to find them on AWS. */
export function FunctionLog({ id, at }: { id: string; at: number }) {
  const { config } = useApp();
  return config.offline ? <Records id={id} /> : <Command id={id} at={at} region={config.region} />;
}

function Records({ id }: { id: string }) {
  const { data, error } = useLoad(id, async (signal) => {
    const response = await fetch(`/_offline/function-log?integrationRequestId=${encodeURIComponent(id)}`, { signal });
    if (response.status === 404) return [];
    return ((await response.json()) as { records: FunctionRecord[] }).records;
  });
  if (error) return <p class="muted">{error.message}</p>;
  if (!data) return <p class="muted">Reading ...</p>;
  if (data.length === 0) return <p class="muted">Nothing with this invocation's id.</p>;
  return (
    <>
      <p class="muted mono">{data[0]?.logGroup}</p>
      <ul class="list records">
        {data.map(({ timestamp, message }, index) => (
          <li key={index}>
            <Time at={timestamp} fine />
            <Json value={message} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Command({ id, at, region }: { id: string; at: number; region: string }) {
  const command = insightsCommand(id, at, region);
  if (command === undefined) return <p class="muted">The id in the access log is not one that Lambda makes.</p>;
  return (
    <>
      <p class="muted">This finds its records in the functions' logs:</p>
      <Json value={command} />
      <p class="actions">
        <Copy text={command} label="Copy" />
      </p>
    </>
  );
}
