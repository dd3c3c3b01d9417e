import { PERMISSIONS, type Permission } from "@backend/core/permissions";
import { useState } from "preact/hooks";

import { lastWish, mint, SCOPES } from "../data/session";
import { Drawer } from "../ui/drawer";
import { Field, Segments } from "../ui/parts";

/** Groups that permissions ask for. */
const GROUPS = [...new Set(Object.values<Permission>(PERMISSIONS).flatMap(({ group }) => group ?? []))];
/** The sample tenant of stage dev in infra/stage.ts. */
const TENANT = "tenant:acme";

/** Offline: a token for whoever one would like to be. */
export function TokenDialog({ onClose }: { onClose(): void }) {
  const [{ client, user = "ada", groups = [], scopes = SCOPES }, setWish] = useState(
    () =>
      lastWish() ?? {
        client: "web" as const,
        user: "ada",
        groups: [...GROUPS, TENANT],
        scopes: SCOPES,
      },
  );
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const change = (changes: object) => setWish({ client, user, groups, scopes, ...changes });
  const tenants = groups.filter((group) => !GROUPS.includes(group)).join(" ");
  const wanted = scopes.filter((scope) => SCOPES.includes(scope));

  return (
    <Drawer title="Token at a click" narrow onClose={onClose}>
      <form onSubmit={ask}>
        <p class="muted">
          Offline alone: the issuer on this machine signs what you ask for. On AWS people sign in, and programs have a
          secret.
        </p>
        <Segments
          label="For whom"
          options={[
            ["web", "A person"],
            ["machine", "A program"],
          ]}
          value={client}
          onPick={(name) => change({ client: name })}
        />
        {client === "web" && (
          <>
            <Field label="User name" value={user} onType={(text) => change({ user: text.trim() })} />
            <Boxes
              legend="Groups"
              options={GROUPS}
              chosen={groups}
              onToggle={(group) => change({ groups: toggled(groups, group) })}
            />
            <Field
              label="Tenant"
              value={tenants}
              placeholder={TENANT}
              onDone={(text) =>
                change({
                  groups: [...groups.filter((group) => GROUPS.includes(group)), ...text.split(/\s+/).filter(Boolean)],
                })
              }
            />
            <Boxes
              legend="Scopes"
              options={SCOPES}
              chosen={wanted}
              onToggle={(scope) => change({ scopes: toggled(scopes, scope) })}
            />
          </>
        )}
        {client === "machine" && <p class="muted">A program gets all scopes of its client.</p>}
        {problem !== undefined && (
          <p class="wrong" role="alert">
            {problem}
          </p>
        )}
        <p class="actions">
          <button class="primary" type="submit" disabled={busy}>
            Get the token
          </button>
        </p>
      </form>
    </Drawer>
  );

  async function ask(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      await mint(client === "web" ? { client, user, groups, scopes: wanted } : { client });
      onClose();
    } catch (error) {
      setProblem((error as Error).message);
      setBusy(false);
    }
  }
}

function Boxes({
  legend,
  options,
  chosen,
  onToggle,
}: {
  legend: string;
  options: string[];
  chosen: string[];
  onToggle(option: string): void;
}) {
  return (
    <fieldset class="boxes">
      <legend>{legend}</legend>
      {options.map((option) => (
        <label key={option}>
          <input type="checkbox" checked={chosen.includes(option)} onChange={() => onToggle(option)} />
          {option}
        </label>
      ))}
    </fieldset>
  );
}

function toggled(list: string[], item: string): string[] {
  return list.includes(item) ? list.filter((other) => other !== item) : [...list, item];
}
