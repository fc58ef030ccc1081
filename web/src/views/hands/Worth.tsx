// What the network is worth on the test rows, with the changes and without.

import { number, percent, score, signed } from "../../format.ts";
import type { Hands } from "../../messages.ts";
import { PythonButton } from "../../parts/PythonButton.tsx";
import { TEXTS } from "../../texts.ts";

const T = TEXTS.hands;

export function Worth({ hands }: { hands: Hands }) {
  if (hands.score === null) return <p class="note">{T.noScore}</p>;
  return (
    <section aria-label={T.worth}>
      <p class="worth" aria-live="polite">
        <b data-testid="score" data-value={hands.score}>
          {score(hands.score, hands.measure)}
        </b>{" "}
        {T.score(hands.measure, hands.rows)} <PythonButton code={hands.python} of={T.of} />
      </p>
      <dl>
        <dt>
          {hands.measure}, {T.before}
        </dt>
        <dd>
          <span data-testid="score-before" data-value={hands.score_before}>
            {score(hands.score_before, hands.measure)}
          </span>
          , {T.difference} {difference(hands)}
        </dd>
        <dt>{T.loss}</dt>
        <dd>
          <span data-testid="loss-before" data-value={hands.loss_before}>
            {number(hands.loss_before, 5)}
          </span>{" "}
          →{" "}
          <span data-testid="loss-now" data-value={hands.loss}>
            {number(hands.loss, 5)}
          </span>
        </dd>
      </dl>
    </section>
  );
}

function difference({ score: now, score_before: before, measure }: Hands): string {
  if (now === null || before === null) return "–";
  if (measure !== "accuracy") return signed(now - before);
  return `${now > before ? "+" : ""}${percent(now - before).replace("-", "−")}`;
}
