import { PERMISSIONS, type Permission } from "@backend/core/permissions";
import { useState } from "preact/hooks";

import { useApp } from "../app-context";
import type { TokenRequest } from "../data/config";
import { lastTokenRequest, SCOPES, session, signInAs } from "../data/session";
import { useStore } from "../data/store";
import { Drawer } from "../ui/drawer";
import { isSame } from "../ui/identity-bar";
import { Field, Segments } from "../ui/parts";

/** Groups that permissions require. */
const GROUPS = [...new Set(Object.values<Permission>(PERMISSIONS).flatMap(({ group }) => group ?? []))];
/** The sample tenant of stage dev in infra/stage.ts. */
const TENANT = "tenant:acme";

/** Chooses a test identity, or mints any other test token. Offline only. */
export function TokenDialog({ onClose }: { onClose(): void }) {
  const { testIdentities } = useApp().config;
  const { identity } = useStore(session);
  const [{ client, user = "ada", groups = [], scopes = SCOPES }, setRequest] = useState(
    () =>
      lastTokenRequest() ?? {
        client: "web" as const,
        user: "ada",
        groups: [...GROUPS, TENANT],
        scopes: SCOPES,
      },
  );
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const change = (changes: object) => setRequest({ client, user, groups, scopes, ...changes });
  const tenants = groups.filter((group) => !GROUPS.includes(group)).join(" ");
  const knownScopes = scopes.filter((scope) => SCOPES.includes(scope));

  return (
    <Drawer title="Test identity" narrow onClose={onClose}>
      <ul class="identities">
        {testIdentities.map(({ label, ...request }) => (
          <li key={label}>
            <button
              type="button"
              aria-pressed={isSame({ label, ...request }, identity)}
              disabled={busy}
              onClick={() => void use(request)}
            >
              <strong>{label}</strong>
              <small>{[request.user, ...(request.groups ?? [])].filter(Boolean).join(" · ")}</small>
            </button>
          </li>
        ))}
      </ul>
      <form onSubmit={submit}>
        <h3>Any other token</h3>
        <p class="muted">
          Local only: the issuer on this machine signs any token that you ask for. On AWS, people sign in, and machine
          clients have a secret.
        </p>
        <Segments
          label="Identity"
          options={[
            ["web", "Person"],
            ["machine", "Machine client"],
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
              onToggle={(group) => change({ groups: toggle(groups, group) })}
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
              chosen={knownScopes}
              onToggle={(scope) => change({ scopes: toggle(scopes, scope) })}
            />
          </>
        )}
        {client === "machine" && <p class="muted">A machine client gets all of its scopes.</p>}
        {problem !== undefined && (
          <p class="wrong" role="alert">
            {problem}
          </p>
        )}
        <p class="actions">
          <button class="primary" type="submit" disabled={busy}>
            Get token
          </button>
        </p>
      </form>
    </Drawer>
  );

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    await use(client === "web" ? { client, user, groups, scopes: knownScopes } : { client });
  }

  async function use(request: TokenRequest): Promise<void> {
    setBusy(true);
    try {
      await signInAs(request);
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

function toggle(list: string[], item: string): string[] {
  return list.includes(item) ? list.filter((other) => other !== item) : [...list, item];
}
