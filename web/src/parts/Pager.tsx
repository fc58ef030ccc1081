// The page before and the next, of rows that are shown some at a time.

import { TEXTS } from "../texts.ts";

interface Props {
  first: number;
  count: number;
  total: number;
  of: string;
  onGo: (first: number) => void;
}

export function Pager({ first, count, total, of, onGo }: Props) {
  return (
    <div class="row pager" role="group" aria-label={TEXTS.sample.pages(of)}>
      <button type="button" class="small" aria-label={TEXTS.sample.pageBefore(of)} disabled={first <= 0} onClick={() => onGo(Math.max(0, first - count))}>
        ‹
      </button>
      <span>{TEXTS.sample.range(total === 0 ? 0 : first + 1, Math.min(total, first + count), total)}</span>
      <button type="button" class="small" aria-label={TEXTS.sample.pageAfter(of)} disabled={first + count >= total} onClick={() => onGo(first + count)}>
        ›
      </button>
    </div>
  );
}
