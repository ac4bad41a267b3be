package train

import "math"

// adam is the optimizer of Kingma and Ba 2015, with weight decay apart from the
// gradient (Loshchilov and Hutter 2019). Its moments are its own, since a
// checkpoint keeps them.
type adam struct {
	decay         float64
	first, second [][]float32 // moments, one slice for each parameter
	steps         int
}

const (
	beta1, beta2 = .9, .999
	tiny         = 1e-8
)

func newAdam(m *Model, decay float64) *adam {
	a := &adam{decay: decay}
	for _, p := range m.Parameters {
		a.first = append(a.first, make([]float32, len(p.Values)))
		a.second = append(a.second, make([]float32, len(p.Values)))
	}
	return a
}

// update changes the parameters by one optimizer step of so high a rate.
func (a *adam) update(m *Model, gradients [][]float32, rate float64) {
	a.steps++
	t := float64(a.steps)
	// rate * m̂/(√v̂ + tiny) with both corrections taken into two factors
	root := math.Sqrt(1 - math.Pow(beta2, t))
	size, floor := float32(rate*root/(1-math.Pow(beta1, t))), float32(tiny*root)
	for k, p := range m.Parameters {
		shrink := float32(1)
		if p.Decays {
			shrink = float32(1 - rate*a.decay)
		}
		share(len(p.Values), func(_, from, end int) {
			values, first, second := p.Values[from:end], a.first[k][from:end], a.second[k][from:end]
			for i, g := range gradients[k][from:end] {
				first[i] += (1 - beta1) * (g - first[i])
				second[i] += (1 - beta2) * (g*g - second[i])
				values[i] = values[i]*shrink - size*first[i]/(sqrt(second[i])+floor)
			}
		})
	}
}

func sqrt(v float32) float32 { return float32(math.Sqrt(float64(v))) }

// finite says whether a number is one, and not too large to be told.
func finite(v float32) bool { return v-v == 0 }

// schedule is the learning rate of an optimizer step: it rises evenly over the first of them
// and falls along half a cosine to a hundredth (Loshchilov and Hutter 2017).
func schedule(peak float64, step, warm, total int) float64 {
	if step < warm {
		return peak * float64(step+1) / float64(warm)
	}
	done := float64(step-warm) / float64(max(1, total-warm))
	return peak * (.01 + .99*(1+math.Cos(math.Pi*done))/2)
}

// ramp rises evenly from 0 to 1 over so many steps: with all of its margin from
// the start, AM-Softmax finds nothing to follow among many classes.
func ramp(step int, over float64) float32 {
	if float64(step) >= over {
		return 1
	}
	return float32(float64(step) / over)
}
