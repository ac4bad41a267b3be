package train

import (
	"bytes"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// curve is one line of a plot.
type curve struct {
	name   string
	points plotter.XYs
	colour color.Color
	dashed bool
}

// plot draws the curves as a PNG: the loss above, below it what share is right in
// training and of held-out pairs.
func (h *History) plot() ([]byte, error) {
	blue, orange, red := color.RGBA{31, 119, 180, 255}, color.RGBA{255, 127, 14, 255},
		color.RGBA{180, 30, 40, 255}
	loss := curve{name: "loss", colour: blue}
	correct := curve{name: "training: class on top", colour: blue}
	plain := curve{name: "held out", colour: red}
	siblings := curve{name: "held out, with siblings", colour: orange, dashed: true}
	for _, p := range h.Points {
		x := float64(p.Step)
		if p.Measured == nil {
			loss.points = append(loss.points, plotter.XY{X: x, Y: p.Loss})
			correct.points = append(correct.points, plotter.XY{X: x, Y: 100 * p.Correct})
			continue
		}
		plain.points = append(plain.points, plotter.XY{X: x, Y: 100 * p.Measured.Plain.Mean})
		if s := p.Measured.Siblings; s != nil {
			siblings.points = append(siblings.points, plotter.XY{X: x, Y: 100 * s.Mean})
		}
	}
	above, err := chart("Loss", "loss", loss)
	if err != nil {
		return nil, err
	}
	below, err := chart("Accuracy", "%", correct, plain, siblings)
	if err != nil {
		return nil, err
	}
	below.X.Label.Text = "step"
	below.Y.Max, below.Legend.Top = 100, false
	canvas := vgimg.New(16*vg.Centimeter, 18*vg.Centimeter)
	page := draw.New(canvas)
	edge := vg.Points(8)
	tiles := draw.Tiles{
		Rows: 2, Cols: 1, PadTop: edge, PadBottom: edge, PadLeft: edge, PadRight: edge, PadY: vg.Points(14),
	}
	for i, p := range []*plot.Plot{above, below} {
		p.Draw(tiles.At(page, 0, i))
	}
	var out bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func chart(title, unit string, curves ...curve) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text, p.Y.Label.Text = title, unit
	p.Title.TextStyle.Font.Size = font.Length(vg.Points(13))
	p.Legend.Top = true
	p.Add(plotter.NewGrid())
	for _, c := range curves {
		if len(c.points) == 0 {
			continue
		}
		line, err := plotter.NewLine(c.points)
		if err != nil {
			return nil, err
		}
		line.Color, line.Width = c.colour, vg.Points(1.4)
		if c.dashed {
			line.Dashes = []vg.Length{vg.Points(5), vg.Points(3)}
		}
		p.Add(line)
		p.Legend.Add(c.name, line)
	}
	return p, nil
}
