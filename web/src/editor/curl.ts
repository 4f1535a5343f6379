// The command that does what saving would.
export interface Request {
  method: "POST" | "PUT";
  url: string;
  body: string;
  ifMatch?: string | undefined;
  withKey: boolean;
}

export function curlOf({ method, url, body, ifMatch, withKey }: Request): string {
  const parts = [`curl --fail-with-body -X ${method} ${quoted(url)}`];
  if (withKey) parts.push(`-H "Authorization: Bearer $HOURWHEEL_TOKEN"`);
  parts.push(`-H 'Content-Type: application/json'`);
  if (ifMatch) parts.push(`-H ${quoted(`If-Match: ${ifMatch}`)}`);
  parts.push(`--data-binary ${quoted(body)}`);
  return parts.join(" \\\n  ");
}

// For a POSIX shell.
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
