import type { Answer, Place } from './questions.js';

/** One question of several that make up a wish; it is asked with what is known so far and answers with more. */
export interface Step<Wish> {
  /** Whether there is nothing to ask; the wish stays as it is. */
  skip?(wish: Wish): boolean;
  ask(wish: Wish, place: Place): Promise<Answer<Wish>>;
}

/**
 * Asks step after step, with a way back to each that was asked; what was answered before is there again.
 *
 * @returns the whole wish; undefined where it was left at any step
 */
export async function askSteps<Wish>(first: Wish, steps: readonly Step<Wish>[]): Promise<Wish | undefined> {
  let wish = first;
  let at = 0;
  const asked: number[] = [];
  while (at < steps.length) {
    const step = steps[at];
    if (step === undefined || step.skip?.(wish) === true) {
      at++;
      continue;
    }
    const left = steps.slice(at).filter((one) => one.skip?.(wish) !== true).length;
    const place = { step: asked.length + 1, of: asked.length + left, canGoBack: asked.length > 0 };
    const answer = await step.ask(wish, place);
    if (answer === undefined) return undefined;
    if (answer === 'back') {
      at = asked.pop() ?? 0;
      continue;
    }
    wish = answer.value;
    asked.push(at);
    at++;
  }
  return wish;
}
