import type { SyncProgressShape } from '../api/shapes.js';

/** `400 of about 1,000 accounts, 35 of about 100 OUs, about 26 s left` */
export function describeProgress({
  accounts,
  of,
  organizationalUnits,
  ofOrganizationalUnits,
  secondsLeft,
}: SyncProgressShape): string {
  const units =
    organizationalUnits === 0 && ofOrganizationalUnits === undefined
      ? []
      : [`${amount(organizationalUnits, ofOrganizationalUnits)} OUs`];
  return [
    `${amount(accounts, of)} accounts`,
    ...units,
    ...(secondsLeft === undefined || secondsLeft <= 0 ? [] : [`about ${duration(secondsLeft)} left`]),
  ].join(', ');
}

const number = new Intl.NumberFormat('en-US');

function amount(done: number, of: number | undefined): string {
  return of === undefined || of === done ? number.format(done) : `${number.format(done)} of about ${number.format(of)}`;
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
