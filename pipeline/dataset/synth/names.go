package synth

import (
	"math/rand/v2"
	"strings"

	"github.com/facesieve/facesieve/pipeline/dataset/synth/face"
)

// The parts of names. Surnames are made of two or three of them.
const (
	womenNames = `
		Ada Agnes Alma Amara Anika Anna Astrid Aylin Beata Bianca Carla Celia Clara Dana Daria Dina Edda
		Elena Elif Emma Enya Esra Eva Fatima Freya Greta Hana Helga Hilda Ida Imani Ines Ingrid Irina
		Iris Jana Joana Judith Kaya Keiko Klara Laila Lara Leonie Lidia Linh Livia Lucia Maja Malin Mara
		Marit Mei Mila Mina Mira Nadia Naomi Nela Nina Nora Olga Paula Petra Priya Renata Rosa Runa
		Sanna Sara Selma Signe Sofia Tamar Tara Thea Tilda Ursula Vera Vesna Yara Yuki Zora`
	menNames = `
		Aaron Adil Akira Albin Ali Amir Anton Aron Arvid Axel Basil Bela Boris Bruno Carl Cem Chidi
		Claus Cyril Dan David Dario Diego Edgar Elias Emil Enzo Erik Ethan Fabio Felix Finn Franz Goran
		Gustav Hamid Hans Haruki Henrik Hugo Igor Ilja Ismael Ivan Ivo Jakob Jan Jonas Josef Juri Kai
		Karim Kofi Kurt Lars Leo Levi Liam Luca Magnus Marek Mateo Milan Mirko Nils Noah Olaf Omar Oskar
		Otto Pablo Pavel Pedro Rafael Ravi Ruben Samir Simon Stefan Sven Tariq Theo Tibor Timo Tomas
		Umar Viktor Wei Yusuf Zoran`
	firstParts = `
		Al An Ar Bar Bel Ber Bor Bran Cal Cor Dal Dor Ed Ek El Fal Far Fer Gar Gol Gran Hal Har Hel Hol
		Il Is Jan Jor Kal Kar Kel Kor Lan Lar Lin Lor Mal Mar Mel Mor Nor Ol Or Os Pal Pel Per Ral Ren
		Ros Ry Sal San Sel Sol Sor Tal Tor Ul Val Ver Vol Wal Wen Zam Zel`
	midParts = `
		a an ar be da de di do e el en er ga i in ka la le li lo ma me mi na ne ni o ra re ri ro sa se
		ta ti va ve`
	lastParts = `
		bach berg burg chi dahl der din do dorf dt feld fors gren hain hof ic inen ka kin kov lund ma
		man mann mark mer mond mura nen ni nova qvist rath reau res ri ros rup sen ska son stad stein
		strom tana ter thal ton tov ura vari vic ville vist wall well wick wood ya zen`
)

// namer gives names that are all different.
type namer struct {
	r                   *rand.Rand
	women, men          []string
	first, middle, last []string
	given               map[string]bool
}

func newNamer(r *rand.Rand) *namer {
	return &namer{
		r: r, women: strings.Fields(womenNames), men: strings.Fields(menNames), first: strings.Fields(firstParts),
		middle: strings.Fields(midParts), last: strings.Fields(lastParts), given: map[string]bool{},
	}
}

// next returns a name for somebody that was not given before, as "Anna Berg".
func (g *namer) next(who face.Person) (name string, male bool) {
	pick := func(words []string) string { return words[g.r.IntN(len(words))] }
	for {
		male = g.male(who)
		given := pick(g.women)
		if male {
			given = pick(g.men)
		}
		surname := pick(g.first)
		if g.r.IntN(5) < 3 {
			surname += pick(g.middle)
		}
		name = given + " " + surname + pick(g.last)
		if !g.given[name] {
			g.given[name] = true
			return name, male
		}
	}
}

// male guesses how somebody is called.
func (g *namer) male(who face.Person) bool {
	switch {
	case who.Beard != face.Shaven || who.Hair == face.Ring || who.Hair == face.Bald:
		return true
	case who.Hair == face.Bob || who.Hair == face.Long:
		return false
	default:
		return g.r.IntN(2) == 0
	}
}

// addNames names everybody. Nobody has the name of another, but for the homonym
// of the reference.
func (p *plan) addNames() {
	g := newNamer(stream(p.options.Seed, "names"))
	for i := range p.labels {
		p.labels[i].name, p.labels[i].male = g.next(p.person(p.labels[i].who))
	}
	p.nameReference(g)
	shared := map[int]bool{}
	for _, r := range p.reference {
		shared[r.label] = true
	}
	// VGGFace2's list has names with a comma: they try a reader.
	for i := range p.labels {
		if g.r.IntN(40) == 0 && !shared[i] {
			p.labels[i].name += ", Jr."
		}
	}
}
