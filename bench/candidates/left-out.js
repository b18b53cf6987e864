/** Thrown by a candidate that cannot run here; the tables say why. */
export class LeftOut extends Error {
  name = 'LeftOut'
}
