// Who changed this task, and when.
import { call } from "../api/client.ts";
import { More } from "../view/more.tsx";
import { Empty, ProblemNotice } from "../view/notice.tsx";
import { usePaged } from "../view/paged.ts";
import { words } from "../view/text.ts";
import { Time } from "../view/time.tsx";

interface Entry {
  id: string;
  at: string;
  action: string;
  actor: { kind: string; key_id?: string; address?: string };
  version?: number;
  note?: string;
}

export function TaskAudit({ id }: { id: string }) {
  const list = usePaged<Entry>(async (token, signal) => {
    const query = { task_id: id, page_size: 50, page_token: token };
    const { body } = await call<{ entries: Entry[]; next_page_token?: string }>("GET", "/v1/audit", { query, signal });
    return { rows: body.entries, next: body.next_page_token };
  }, id);
  return (
    <section aria-label="Audit">
      {list.problem && <ProblemNotice problem={list.problem} retry={list.again} />}
      {list.rows.length === 0 && list.ended && <Empty>No entry of it is kept any more.</Empty>}
      {list.rows.length > 0 && (
        <div class="wide" tabIndex={0} role="region" aria-label="Audit entries">
          <table>
            <caption class="hidden">Changes of {id}</caption>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">What</th>
                <th scope="col">Who</th>
                <th scope="col" class="number">Version</th>
                <th scope="col">Note</th>
              </tr>
            </thead>
            <tbody>
              {list.rows.map((entry) => (
                <tr key={entry.id}>
                  <td>
                    <Time at={entry.at} />
                  </td>
                  <td>{words(entry.action)}</td>
                  <td>{entry.actor.key_id ?? words(entry.actor.kind)} <span class="faint">{entry.actor.address}</span></td>
                  <td class="number">{entry.version ?? ""}</td>
                  <td class="what">{entry.note ?? ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <More list={list} word="entry" />
    </section>
  );
}
