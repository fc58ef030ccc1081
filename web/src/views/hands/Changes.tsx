// What was changed by hand, in its order: taken back, made again, dropped, or kept in the run.

import { useSignal } from "@preact/signals";
import type { HandBack, Hands } from "../../messages.ts";
import { PythonButton } from "../../parts/PythonButton.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";

const T = TEXTS.hands;

interface Props {
  hands: Hands;
  onTold: (answer: Hands | null) => void;
}

export function Changes({ hands, onTold }: Props) {
  const explorer = useExplorer();
  const python = useSignal("");
  const back = (what: HandBack["do"]): void => {
    void explorer.change("HandBack", { where: explorer.where.value, do: what }).then(onTold);
  };
  const keep = async (): Promise<void> => {
    const answer = await explorer.change("Keep", { where: explorer.where.value });
    if (!answer) return;
    python.value = answer.python;
    if (answer.run !== explorer.run.value && explorer.about.value?.trainable) explorer.show(answer.run);
  };
  return (
    <section aria-label={T.list}>
      <h3>{T.list}</h3>
      {hands.changes.length === 0 ? (
        <p class="note">{T.empty}</p>
      ) : (
        <ol data-testid="hands-list">
          {hands.changes.map((change, place) => (
            <li key={`${place} ${change}`}>{change}</li>
          ))}
        </ol>
      )}
      <div class="row">
        <button type="button" data-testid="undo" disabled={!hands.can_undo} onClick={() => back("undo")}>
          {T.undo}
        </button>
        <button type="button" data-testid="redo" disabled={!hands.can_redo} onClick={() => back("redo")}>
          {T.redo}
        </button>
        <button type="button" data-testid="drop" disabled={!hands.can_undo} onClick={() => back("drop")}>
          {T.drop}
        </button>
        <button type="button" class="primary" data-testid="keep" disabled={!hands.can_undo} onClick={() => void keep()}>
          {T.keep}
        </button>
        <PythonButton code={python.value} of={T.keep} />
      </div>
      <p class="note">
        <WhatKeepDoes />
      </p>
    </section>
  );
}

function WhatKeepDoes() {
  const explorer = useExplorer();
  const run = explorer.runInfo.value;
  if (!run) return <>{T.keepNetwork}</>;
  return <>{explorer.step.value === null && run.can_train ? T.keepEdit(run.step) : T.keepBranch(explorer.step.value ?? run.step)}</>;
}
