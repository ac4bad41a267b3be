package face

// Trait names one measure of a person.
type Trait int

// The traits. Lengths are in head units: the mean distance between the eyes.
const (
	CraniumWidth Trait = iota
	CheekWidth
	JawWidth
	ChinWidth
	ChinLength
	JawHeight
	SkinTone
	SkinWarmth
	SkinSaturation
	HairTone
	HairRed
	HairGrey
	HairLine
	HairPeak
	HairTemple
	HairVolume
	HairPart
	HairWave
	FringeDepth
	FringeSlope
	Sideburn
	EyeSpacing
	EyeWidth
	EyeHeight
	EyeSlant
	EyeRound
	EyeLid
	EyeDepth
	EyeBags
	IrisTone
	IrisSize
	Lashes
	BrowHeight
	BrowThickness
	BrowLength
	BrowInner
	BrowAngle
	BrowArch
	BrowPeak
	BrowTone
	NoseLength
	NoseWidth
	NoseBridge
	NoseTip
	NoseBump
	NostrilSize
	NoseShadow
	MouthHeight
	MouthWidth
	UpperLip
	LowerLip
	LipBow
	LipTone
	MouthCorner
	Philtrum
	ChinDimple
	CheekBone
	CheekRed
	EarSize
	EarHeight
	EarSpread
	NeckWidth
	Age
	FoldDepth
	ForeheadLines
	Freckles
	BeardDensity
	BeardTone
	Scar
	ScarPosition
	traitCount
)

// traitRanges holds the least and greatest value of each trait.
var traitRanges = [traitCount][2]float64{
	CraniumWidth:  {1.02, 1.2},
	CheekWidth:    {.98, 1.2},
	JawWidth:      {.66, 1.04},
	ChinWidth:     {.26, .62},
	ChinLength:    {1.6, 1.98},
	JawHeight:     {1.1, 1.36},
	HairLine:      {-1.22, -.78},
	HairPeak:      {-.1, .16},
	HairTemple:    {-.28, .2},
	HairVolume:    {.06, .3},
	HairPart:      {-.75, .75},
	FringeDepth:   {-.78, -.42},
	FringeSlope:   {-.3, .3},
	Sideburn:      {-.1, .75},
	EyeSpacing:    {.88, 1.12},
	EyeWidth:      {.175, .265},
	EyeHeight:     {.065, .135},
	EyeSlant:      {-.2, .26},
	EyeRound:      {-.35, .35},
	EyeLid:        {.03, .13},
	IrisSize:      {.078, .104},
	BrowHeight:    {-.5, -.27},
	BrowThickness: {.045, .16},
	BrowLength:    {.42, .68},
	BrowInner:     {.1, .3},
	BrowAngle:     {-.3, .26},
	BrowArch:      {0, .13},
	BrowPeak:      {.35, .75},
	NoseLength:    {.5, .82},
	NoseWidth:     {.17, .32},
	NoseBridge:    {.06, .14},
	NoseTip:       {.07, .15},
	NoseBump:      {-.06, .06},
	NostrilSize:   {.028, .06},
	MouthHeight:   {1.0, 1.26},
	MouthWidth:    {.28, .5},
	UpperLip:      {.03, .12},
	LowerLip:      {.05, .17},
	LipBow:        {0, .05},
	MouthCorner:   {-.07, .06},
	EarSize:       {.32, .5},
	EarHeight:     {.2, .4},
	EarSpread:     {.02, .2},
	NeckWidth:     {.5, .8},
}

// details are the traits that tell siblings apart.
var details = []Trait{
	NoseLength, NoseWidth, NoseTip, BrowThickness, BrowAngle, BrowArch, BrowHeight, BrowInner,
	MouthWidth, UpperLip, LowerLip, EyeSlant, EyeHeight, JawWidth, ChinWidth, HairLine, Freckles, EyeLid,
}

// of returns a trait in its own unit. A trait without a range goes from 0 to 1.
func (p *Person) of(t Trait) float64 {
	b := traitRanges[t]
	if b[0] == b[1] {
		return p.Traits[t]
	}
	return b[0] + (b[1]-b[0])*p.Traits[t]
}

// skin returns the colour of the skin under white light.
func (p *Person) skin() rgb {
	c := ramp([]rgb{{.97, .83, .74}, {.92, .74, .62}, {.84, .63, .48}, {.71, .5, .36}, {.56, .38, .27},
		{.42, .28, .21}}, p.of(SkinTone))
	warm := p.of(SkinWarmth) - .5
	c = rgb{c[0] * float32(1+.08*warm), c[1] * float32(1-.02*warm), c[2] * float32(1-.16*warm)}
	grey := (c[0] + c[1] + c[2]) / 3
	return c.mix(rgb{grey, grey, grey}, .22*p.of(SkinSaturation))
}

// hair returns the colour of the hair under white light. The darkest skins have
// dark hair.
func (p *Person) hair() rgb {
	tone := p.of(HairTone)
	if dark := p.of(SkinTone); dark > .6 {
		tone *= 1 - (dark-.6)*2
	}
	c := ramp([]rgb{{.07, .06, .06}, {.15, .1, .08}, {.28, .18, .12}, {.42, .28, .17}, {.62, .45, .26},
		{.85, .7, .45}}, tone)
	if red := p.of(HairRed); red > .8 {
		c = c.mix(rgb{.58, .24, .1}, (red-.8)*3)
	}
	if grey := p.of(HairGrey); grey > .78 {
		c = c.mix(rgb{.72, .72, .73}, (grey-.78)*4)
	}
	return c
}

// brow returns the colour of the brows: near the hair's, always darker than the
// skin.
func (p *Person) brow() rgb {
	return p.hair().mix(p.skin().times(.35), .35+.3*p.of(BrowTone)).times(.85)
}

// iris returns the colour of the iris.
func (p *Person) iris() rgb {
	return ramp([]rgb{{.16, .09, .05}, {.3, .17, .08}, {.42, .27, .12}, {.4, .42, .22}, {.35, .48, .42},
		{.3, .48, .66}, {.5, .58, .64}}, p.of(IrisTone))
}

// lips returns the colour of the lips.
func (p *Person) lips() rgb {
	return p.skin().mix(ramp([]rgb{{.62, .33, .3}, {.72, .3, .3}, {.6, .16, .2}}, p.of(LipTone)),
		.4+.45*p.of(LipTone)).times(.95)
}
