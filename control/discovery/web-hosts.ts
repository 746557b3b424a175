/** Whom a host of the ad and analytics web belongs to, as the public list `third-party-web` (MIT) says. */
export interface WebEntity {
  name: string;
  company: string | null;
}

export type WebHosts = (host: string) => WebEntity | undefined;

let reading: Promise<WebHosts> | null = null;

/** Reads the list when it is first asked for: a second source beside our own facts, and marked so wherever it says something. */
export function webHosts(): Promise<WebHosts> {
  reading ??= import('third-party-web/nostats-subset.js').then(({ default: list }) => (host) => {
    const entity = list.getEntity(`https://${host}/`);
    return entity === undefined ? undefined : { name: entity.name, company: entity.company ?? null };
  });
  return reading;
}
