// Owns the one error that a build ends with.

/** The stage that found it. */
export type BuildStage =
  | 'wit'
  | 'bundle'
  | 'exports'
  | 'evaluate'
  | 'componentize'
  | 'wrap'
  | 'write'
  | 'watch';

/** What is wrong with the guest, in the author's own terms: file names and lines are those of the sources. */
export class GuestBuildError extends Error {
  override readonly name = 'GuestBuildError';
  readonly stage: BuildStage;

  constructor(stage: BuildStage, message: string, options?: ErrorOptions) {
    super(message, options);
    this.stage = stage;
  }
}
