// Requests as commands for a POSIX shell.
export interface Request {
  method: string;
  url: string;
  type?: string | undefined; // of the body
  body?: string | undefined;
  ifMatch?: string | undefined;
  withKey: boolean;
}

export function curlOf({ method, url, type = "application/json", body, ifMatch, withKey }: Request): string {
  const parts = [`curl --fail-with-body${method === "GET" ? "" : ` -X ${method}`} ${quoted(url)}`];
  if (withKey) parts.push(`-H "Authorization: Bearer $HOURWHEEL_TOKEN"`);
  if (body !== undefined) parts.push(`-H ${quoted(`Content-Type: ${type}`)}`);
  if (ifMatch) parts.push(`-H ${quoted(`If-Match: ${ifMatch}`)}`);
  if (body !== undefined) parts.push(`--data-binary ${quoted(body)}`);
  return parts.join(" \\\n  ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
