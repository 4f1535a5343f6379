// The little of Markdown that our API's description uses: paragraphs, and code between backticks.
export function Prose({ text }: { text: string | undefined }) {
  if (!text) return null;
  return (
    <>
      {text.trim().split(/\n\s*\n/).map((paragraph, i) => (
        <p key={i}>
          <Line text={paragraph} />
        </p>
      ))}
    </>
  );
}

export function Line({ text }: { text: string | undefined }) {
  return <>{(text ?? "").split("`").map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))}</>;
}
