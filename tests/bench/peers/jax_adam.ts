/** Adam for a tree of weights in jax-js, to be called within a `jit`; it takes over its arguments. */
import { type Array as Tensor, numpy as np, tree } from "@jax-js/jax";

/** Weights by name. */
export type Weights = Record<string, Tensor>;

/** Weights and Adam's moments. */
export type State = { p: Weights; m: Weights; v: Weights };

/** Adam's constants. */
export interface Adam {
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Before the first step. */
export function initialState(p: Weights): State {
  const zeros = (): Weights => tree.map((w: Tensor) => np.zeros(w.shape), p);
  return { p, m: zeros(), v: zeros() };
}

/** What corrects the bias of the moments, step after step. */
export function* corrections({ rate, beta1, beta2 }: Adam): Generator<[Tensor, Tensor], never> {
  for (let power1 = beta1, power2 = beta2;; power1 *= beta1, power2 *= beta2) {
    yield [np.array(rate / (1 - power1)), np.array(1 / (1 - power2))];
  }
}

/** One step; `scales` are what {@link corrections} has for it. */
export function descend(
  { beta1, beta2, epsilon }: Adam,
  state: State,
  gradients: Weights,
  scales: readonly [Tensor, Tensor],
): State {
  const next: State = { p: {}, m: {}, v: {} };
  for (const [name, gradient] of Object.entries(gradients)) {
    const m = state.m[name]!.mul(beta1).add(gradient.ref.mul(1 - beta1));
    const v = state.v[name]!.mul(beta2).add(np.square(gradient).mul(1 - beta2));
    const move = m.ref.mul(scales[0].ref).div(np.sqrt(v.ref.mul(scales[1].ref)).add(epsilon));
    next.p[name] = state.p[name]!.sub(move);
    next.m[name] = m;
    next.v[name] = v;
  }
  tree.dispose([...scales]);
  return next;
}
