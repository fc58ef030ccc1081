export function HandsView() {
  return null;
}
