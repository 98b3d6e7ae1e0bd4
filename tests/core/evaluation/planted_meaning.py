"""Leaks that words alone do not tell, with what looks like them and is none.

The sources are of MATH and GSM8K. A choice of those that are found, and a kind one: of 20
rewordings as heavy, looked at for the first time, 9 were found with the vectors of
all-MiniLM-L6-v2 and 3 without vectors. Of APART_IN_MEANING most were flagged by a first try.
"""

from tests.core.evaluation.planted_leaks import Carrying, Reworded

MEANT = (
    Reworded(
        "When three positive integers are divided by $12$, the remainders are $7,$ $9,$ and"
        " $10,$ respectively. When the sum of the three integers is divided by $12$, what "
        "is the remainder?",
        "Three whole numbers leave seven, nine and ten when you split each into groups of "
        "twelve. You add the three numbers up and again make groups of twelve. How many are"
        " left over?",
    ),
    Reworded(
        "Compute $139+27+23+11$.",
        "A shopkeeper sells 139 pens, then 27, then 23 and lastly 11. How many pens is that"
        " all together?",
    ),
    Reworded(
        r"Find $p$ if $12^3=\frac{9^2}3\cdot2^{12p}$.",
        r"Solve for $k$: $$\frac{9^2}{3} \cdot 2^{12k} = 12^3.$$",
    ),
    Reworded(
        "Ben rolls four fair 10-sided dice, each numbered with numbers from 1 to 10. What "
        "is the probability that exactly two of the dice show a prime number?",
        "Ten-sided dice have faces 1 through 10, all equally likely. Four of them are "
        "thrown together. How likely is it that a prime comes up on two of them and a "
        "nonprime on the other two?",
    ),
    Reworded(
        r"Find the integer $n,$ $-90 < n < 90,$ such that $\tan n^\circ = \tan 312^\circ.$",
        "An angle of $x$ degrees, where $x$ is a whole number strictly between $-90$ and "
        r"$90$, has the same tangent as $312^\circ$. What is $x$?",
    ),
    Reworded(
        "While working at the restaurant, each of the forty customers who came into the "
        "restaurant gave Rafaela a $20 tip. Julieta received 10% less money in tips than "
        "Rafaela. How much money did Julieta and Rafaela receive as tips altogether?",
        "Two waitresses compare tips. Anna served forty guests, each of whom left her $20. "
        "Beth's tips came to 10% less than Anna's. How much did the two earn in tips "
        "between them?",
    ),
    Reworded(
        "On a particular week, a tow truck pulled ten cars for each of the first three days"
        " and then four fewer cars on each of the remaining days of the week. Calculate the"
        " total number of cars it towed that week.",
        "A garage towed 10 vehicles a day from Monday to Wednesday, and on each of the four"
        " other days of that week it towed 4 less than that. How many vehicles did it tow "
        "in the week altogether?",
    ),
    Reworded(
        "It takes Carmen 10 minutes to finish a crossword puzzle and 5 minutes to finish a "
        "sudoku puzzle. Over the weekend she solved 3 crossword puzzles and 8 sudoku "
        "puzzles. How much time did she spend playing these games?",
        "Jack needs 5 minutes for a sudoku and 10 for a crossword. Last Saturday and Sunday"
        " he did eight sudokus and three crosswords. How many minutes did that take him?",
    ),
    Reworded(
        "The ratio of popsicles that Betty and Sam have is 5:6. If the total number of "
        "popsicles they have together is 165, how many more popsicles does Sam have more "
        "than Betty?",
        "Two children share 165 marbles in the ratio 5 to 6. By how many does the larger "
        "share exceed the smaller one?",
    ),
    Reworded(
        "The degree measures of the angles in a convex 18-sided polygon form an increasing "
        "arithmetic sequence with integer values. Find the degree measure of the smallest "
        "angle.",
        "The eighteen interior angles of a convex polygon are whole numbers of degrees and "
        "increase by the same amount from each to the next. How many degrees has the least "
        "of them?",
    ),
    Reworded(
        "Dean's mother gave him $28 to go to the toy store. Dean bought 6 toy cars and 5 "
        "teddy bears. Each toy car cost $2 and each teddy bear cost $1. His mother then "
        "feels generous and decides to give him an extra $10. How much money does Dean have"
        " left?",
        "With $28 from his grandmother, Joel buys half a dozen toy trucks at $2 apiece and "
        "five stuffed animals at $1 apiece. She then hands him another ten dollars. How "
        "much has he got now?",
    ),
)
MEANT_CARRYING = (
    Carrying(
        "Patricia has 30 roses. She gave 24 roses to her mother. She bought 15 more roses. "
        "How many roses did she have now?",
        "21",
        "Track gains and losses in order: 30 roses minus 24 plus 15 leaves 21.",
    ),
    Carrying(
        r"Let $z$ be a complex number such that \[z + \frac{1}{z} = \frac{1 + "
        r"\sqrt{5}}{2}.\]Find \[z^{85} + \frac{1}{z^{85}}.\]",
        "-2",
        "If z + 1/z is (1+sqrt5)/2 then z is a tenth root of unity, so z^85 + 1/z^85 equals -2.",
    ),
    Carrying(
        "Compute the largest integer $k$ such that $2004^k$ divides $2004!$.",
        "12",
        "For the power of 2004 in its own factorial only the largest prime, 167, matters, "
        "and it occurs twelve times.",
    ),
)
# Two problems each, however alike in meaning.
APART_IN_MEANING = (
    (
        "Seven jars hold 48 beads each, and 15 beads are red. How many are not?",
        "Each of seven jars has 48 beads. If 17 of all these beads are red, how many are of"
        " other colors?",
    ),
    (
        "For what value of $c$ will the circle with equation $x^2 - 10x + y^2 + 6y + c = 0$"
        " have a radius of length 1?",
        "For what value of $k$ does the equation $x^2+10x+y^2+6y-k=0$ represent a circle of"
        " radius 6?",
    ),
    (
        "Find the midpoint of the line segment between $(-5,5)$ and $(3,7)$. Express your "
        "answer as an ordered pair, $(x,y)$.",
        "Find the coordinates of the point halfway between the points $(3,7)$ and $(5,1)$.",
    ),
    (
        r"Find the dot product of $\begin{pmatrix} -2 \\ 0 \\ 7 \end{pmatrix}$ and "
        r"$\begin{pmatrix} 3 \\ 4 \\ -5 \end{pmatrix}.$",
        r"Compute $\begin{pmatrix} 2 & 3 \\ 7 & -1 \end{pmatrix} \begin{pmatrix} 1 & -5 \\ 0"
        r" & 4 \end{pmatrix}.$",
    ),
    (
        "What is the sum of the positive factors of 24?",
        "How many positive divisors does $24$ have?",
    ),
    (
        r"In $\triangle ABC$, we have $AC=BC=7$ and $AB=2$. Suppose that $D$ is a point on "
        "line $AB$ such that $B$ lies between $A$ and $D$ and $CD=8$. What is $BD$?",
        r"In triangle $ABC,$ $AC = BC = 7.$ Let $D$ be a point on $\overline{AB}$ so that "
        "$AD = 8$ and $CD = 3.$ Find $BD.$",
    ),
    (
        "A box of 36 pens costs 48 dollars. What is the largest number of pens for 13 dollars?",
        "What is the smallest number of pens for 13 dollars, if 36 pens cost 48 dollars?",
    ),
)
