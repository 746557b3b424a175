import type { RotationNeed, RotationStep } from './rules.ts';

const texts: Record<RotationNeed, string> = {
  enter_new_key: 'Make a new key at the vendor and enter it here.',
  delete_old_key: 'Delete the old key at the vendor, then say so: it is tried, and must be refused.',
  new_key_refused:
    'The vendor refuses the new key. Check that it was copied whole and has the rights of the old one, then try again; or go back.',
  vendor_refused:
    'The vendor refuses what is asked of it, and trying again does not help. Look at what it said, mend it, then try again.',
  vendor_unreachable:
    'The vendor has not done what it was asked for a while. It is still tried, less and less often.',
  gateways_behind:
    'A gateway does not run on the new key yet. Start it, or take it out of service; it would go on with the old key.',
  old_key_in_use:
    'Somebody else uses the old key. Find out who holds it; then go on, which deletes the key at the vendor.',
  old_key_still_works:
    'The vendor still answers to the old key. Check that the right one was deleted; it is tried again every minute.',
  old_key_dead:
    'The old key is refused too, so there is no way back to it. Enter a new credential on the connection’s page.',
  credential_gone:
    'The connection was moved, or another credential was entered: this rotation has nothing left to do. End it.',
};

/** Why a person is needed, and what to do. */
export function needText(need: RotationNeed, step: RotationStep): string {
  if (need === 'vendor_refused' && (step === 'probe' || step === 'prove'))
    return 'This key can’t be tried with a call. Go on if you know from elsewhere that it is as it should be.';
  if (need === 'gateways_behind' && step === 'clean_up')
    return 'A gateway may still send with the new key, which is to be deleted. Start it, or take it out of service; or go on, and what it sends is refused until it is back.';
  return texts[need];
}
