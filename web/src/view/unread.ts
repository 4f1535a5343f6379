// Whether rows may come in at the top of a list: it is scrolled to the top, and neither the pointer nor
// the keyboard is in it. Else what is new is offered, and comes when the reader wants it.
const kNearTop = 200; // px
const kHere = ":hover, :focus-visible";

export function isAtTop(): boolean {
  return scrollY < kNearTop;
}

export function isUnread(list: Element | null): boolean {
  return isAtTop() && !list?.matches(kHere) && !list?.querySelector(kHere);
}
