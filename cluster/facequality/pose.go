package facequality

import "math"

// pose is how a head is turned, as five landmarks tell: the sines of its angles, 0..1,
// without their sign.
type pose struct {
	yaw, pitch, roll float64
	inverted         bool    // upside down: it leans by more than a right angle
	eyes             float64 // distance of the eyes, px
}

// A face that looks straight ahead, in distances of its eyes: the reference landmarks of
// alignment (embed/photo) say how far the mouth is below the eyes and where on this way the nose lies,
// and a nose's tip stands out of the plane of eyes and mouth by somewhat less than half.
const (
	aspect     = .866 // distance of the eyes over that of eyes and mouth
	noseAt     = .494 // of the way from the eyes to the mouth
	noseLength = .45
)

// poseOf estimates a pose from landmarks; false: they are not known, or no face has them.
// The tip of the nose moves over the plane of eyes and mouth as the head turns: that gives yaw
// and pitch to some ten degrees, for noses differ.
func poseOf(l *[10]float32) (pose, bool) {
	var p [10]float64
	for i, x := range l {
		p[i] = float64(x)
		if math.IsNaN(p[i]) || math.IsInf(p[i], 0) {
			return pose{}, false
		}
	}
	dx, dy := p[2]-p[0], p[3]-p[1]
	eyes := math.Sqrt(float64(dx*dx) + float64(dy*dy))
	if !(eyes > 0) {
		return pose{}, false
	}
	ux, uy := dx/eyes, dy/eyes // along the eyes; (-uy, ux) is down the face
	mx, my := float64((p[0]+p[2])/2), float64((p[1]+p[3])/2)
	wx, wy := float64((p[6]+p[8])/2)-mx, float64((p[7]+p[9])/2)-my // to the mouth
	down := float64(wy*ux) - float64(wx*uy)
	scale := noseLength * max(eyes, float64(aspect*math.Abs(down))) // a turned head's eyes are near each other
	nx, ny := p[4]-(mx+float64(noseAt*wx)), p[5]-(my+float64(noseAt*wy))
	across, along := float64(nx*ux)+float64(ny*uy), float64(ny*ux)-float64(nx*uy)
	return pose{yaw: min(math.Abs(across)/scale, 1), pitch: min(math.Abs(along)/scale, 1),
		roll: min(math.Abs(uy), 1), inverted: ux < 0, eyes: eyes}, true
}

// degrees returns the angle of a sine from 0 to 1, to a hundredth of a degree (Abramowitz
// and Stegun, Handbook of Mathematical Functions, 4.4.45); the same bits on every
// processor, unlike math.Asin.
func degrees(sine float64) float64 {
	sum := 1.5707288 + float64(sine*(-.2121144+float64(sine*(.0742610-float64(.0187293*sine)))))
	return 90 - float64(180/math.Pi*float64(math.Sqrt(1-sine)*sum))
}

// Turned returns by how many degrees a head is turned to its side, 0 to 90, by the five
// landmarks of a face; false where they are not known.
func Turned(landmarks *[10]float32) (yaw float64, known bool) {
	p, known := poseOf(landmarks)
	return degrees(p.yaw), known
}

// EyeDistance returns the distance of a face's eyes in pixels of the upright image; false
// where its landmarks are not known. It is the size of a face as one sees it: of a face in
// profile it is small.
func EyeDistance(landmarks *[10]float32) (pixels float64, known bool) {
	p, known := poseOf(landmarks)
	return p.eyes, known
}
