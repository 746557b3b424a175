export type Properties = Record<string, unknown>;

function members(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

/** A profile after one update in the vendor's language (`$set`, `$set_once`, `$add`, `$append`, `$union`, …). */
export function applyUpdate(held: Readonly<Properties>, update: Readonly<Properties>): Properties {
  const profile: Properties = { ...held };
  for (const [name, value] of members(update.$set)) profile[name] = value;
  for (const [name, value] of members(update.$set_once)) if (!(name in profile)) profile[name] = value;
  for (const [name, value] of members(update.$add)) {
    const before = profile[name];
    profile[name] = (typeof before === 'number' ? before : 0) + (typeof value === 'number' ? value : 0);
  }
  for (const [name, value] of members(update.$append)) profile[name] = [...list(profile[name]), value];
  for (const [name, value] of members(update.$union)) {
    const before = list(profile[name]);
    profile[name] = [...before, ...list(value).filter((one) => !before.includes(one))];
  }
  for (const [name, value] of members(update.$remove)) {
    const before = profile[name];
    if (Array.isArray(before)) profile[name] = before.filter((one) => one !== value);
  }
  for (const name of list(update.$unset)) if (typeof name === 'string') delete profile[name];
  return profile;
}
